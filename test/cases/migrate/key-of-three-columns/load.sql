UPDATE items SET b = CONCAT(b, 'z') WHERE v = 2;
