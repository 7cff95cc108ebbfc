CREATE TABLE `items` (
  id INT PRIMARY KEY, v INT NULL
);
INSERT INTO `items` (id, v) VALUES (1, 15), (2, NULL);
