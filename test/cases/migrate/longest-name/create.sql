CREATE TABLE `tttttttttttttttttttttttttttttttttttttttttttttttttttttttt` (
  id INT PRIMARY KEY, v INT
);
INSERT INTO `tttttttttttttttttttttttttttttttttttttttttttttttttttttttt` VALUES (1, 2);
