CREATE TABLE `items` (
  id INT PRIMARY KEY, v FLOAT NULL
);
INSERT INTO `items` (id, v) VALUES (1, 1.5), (2, 0.1), (3, NULL), (4, -3.25e10);
