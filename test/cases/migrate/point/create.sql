CREATE TABLE `items` (
  id INT PRIMARY KEY, v POINT NOT NULL, n INT
);
INSERT INTO `items` (id, v) VALUES (1, POINT(1, 2)), (2, POINT(-0.5, 1e10));
