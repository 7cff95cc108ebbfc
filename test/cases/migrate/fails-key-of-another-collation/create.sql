CREATE TABLE `items` (
  name VARCHAR(20) COLLATE utf8mb4_general_ci NOT NULL PRIMARY KEY, v INT
);
INSERT INTO `items` VALUES ('1', 2);
