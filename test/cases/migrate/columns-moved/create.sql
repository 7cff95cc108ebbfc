CREATE TABLE `items` (
  id INT PRIMARY KEY, a INT, b INT, c INT
);
INSERT INTO `items` (id, a, b, c) VALUES (1, 1, 2, 3), (2, 4, 5, 6);
