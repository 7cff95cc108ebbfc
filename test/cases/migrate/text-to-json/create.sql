CREATE TABLE `items` (
  id INT PRIMARY KEY, v TEXT
);
INSERT INTO `items` (id, v) VALUES (1, '{"a": 1}'), (2, '[1, 2]'), (3, NULL);
