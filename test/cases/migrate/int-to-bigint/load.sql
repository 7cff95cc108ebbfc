UPDATE items SET v = v + 1 WHERE id = 2;
INSERT INTO items (v) VALUES (7);
DELETE FROM items WHERE id = 3;
