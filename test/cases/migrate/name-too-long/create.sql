CREATE TABLE `ttttttttttttttttttttttttttttttttttttttttttttttttttttttttt` (
  id INT PRIMARY KEY, v INT
);
INSERT INTO `ttttttttttttttttttttttttttttttttttttttttttttttttttttttttt` VALUES (1, 2);
