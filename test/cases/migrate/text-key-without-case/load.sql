UPDATE items SET name = UPPER(name);
UPDATE items SET v = v + 1 WHERE name = 'BOB';
