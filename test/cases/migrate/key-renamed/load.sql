UPDATE items SET a = a + 1;
DELETE FROM items WHERE id = 2;
INSERT IGNORE INTO items VALUES (3, 9);
