CREATE TABLE `items` (
  a INT NOT NULL, b INT NOT NULL, v INT, UNIQUE KEY ab (a, b)
);
INSERT INTO `items` VALUES (1, 1, 1), (1, 2, 2);
