CREATE TABLE `items` (
  id INT PRIMARY KEY, a INT NULL, b INT
);
INSERT INTO `items` VALUES (1, 2, 1), (2, 3, 1), (3, NULL, 1), (4, NULL, 1);
