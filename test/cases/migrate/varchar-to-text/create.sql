CREATE TABLE `items` (
  id INT PRIMARY KEY, v VARCHAR(50)
);
INSERT INTO `items` (id, v) VALUES (1, 'a b '), (2, ''), (3, NULL);
