CREATE TABLE `items` (
  id INT, v INT
);
INSERT INTO `items` VALUES (1, 300);
