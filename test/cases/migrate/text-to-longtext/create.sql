CREATE TABLE `items` (
  id INT PRIMARY KEY, v TEXT
);
INSERT INTO `items` (id, v) VALUES (1, REPEAT('x', 30000)), (2, NULL);
