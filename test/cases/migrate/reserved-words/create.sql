CREATE TABLE `table` (
  `select` INT NOT NULL PRIMARY KEY, `from` INT, `order` VARCHAR(20)
);
INSERT INTO `table` VALUES (1, 2, 'by'), (2, NULL, NULL);
