CREATE TABLE `items` (
  id INT PRIMARY KEY, a INT, b INT
);
INSERT INTO `items` (id, a, b) VALUES (1, 1, 2), (2, 4, 5);
