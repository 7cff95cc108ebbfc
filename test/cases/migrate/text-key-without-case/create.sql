CREATE TABLE `items` (
  name VARCHAR(30) COLLATE utf8mb4_general_ci NOT NULL PRIMARY KEY, v INT
);
INSERT INTO `items` VALUES ('Anna', 1), ('bob', 2), ('Zoë', 3), ('tail ', 4);
