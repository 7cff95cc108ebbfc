CREATE TABLE `items` (
  id INT PRIMARY KEY, v INT
);
INSERT INTO `items` VALUES (1, 1), (2, NULL);
