CREATE TABLE `items` (
  id INT PRIMARY KEY, a INT, b VARCHAR(100), c INT, KEY by_a (a), KEY by_b (b(10))
);
INSERT INTO `items` VALUES (1, 2, 'x', 3), (2, 2, 'y', 3);
