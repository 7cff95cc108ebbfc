CREATE TABLE `items` (
  id INT PRIMARY KEY, v DECIMAL(10,2) NOT NULL
);
INSERT INTO `items` (id, v) VALUES (1, 1.25), (2, 2.50), (3, -2.50);
