CREATE TABLE `items` (
  name VARCHAR(20) NOT NULL PRIMARY KEY, v INT
);
INSERT INTO `items` VALUES ('a', 2), ('B', 3), ('c', 4);
