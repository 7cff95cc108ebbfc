CREATE TABLE `items` (
  id INT NOT NULL PRIMARY KEY, code INT NOT NULL, v INT, UNIQUE KEY by_code (code)
);
INSERT INTO `items` VALUES (1, 30, 1), (2, 20, 2), (3, 10, 3);
