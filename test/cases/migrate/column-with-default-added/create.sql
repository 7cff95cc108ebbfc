CREATE TABLE `items` (
  id INT PRIMARY KEY, v INT
);
INSERT INTO `items` (id, v) VALUES (1, 5), (2, NULL);
