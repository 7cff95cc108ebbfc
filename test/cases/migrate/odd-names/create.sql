CREATE TABLE `odd ``name` (
  `a``b` INT NOT NULL PRIMARY KEY, `per%cent ?` INT, `日本` VARCHAR(20)
);
INSERT INTO `odd ``name` VALUES (1, 2, 'x'), (2, 3, 'y');
