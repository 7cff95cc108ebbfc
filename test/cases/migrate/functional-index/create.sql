CREATE TABLE `items` (
  id INT PRIMARY KEY, v INT, KEY doubled ((v * 2))
);
INSERT INTO `items` VALUES (1, 2), (2, 3);
