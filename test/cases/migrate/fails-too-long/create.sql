CREATE TABLE `items` (
  id INT PRIMARY KEY, v VARCHAR(20)
);
INSERT INTO `items` VALUES (1, 'too long for it');
