CREATE TABLE `items` (
  id INT PRIMARY KEY, a INT
);
INSERT INTO `items` (id, a) VALUES (1, 1), (2, 4);
