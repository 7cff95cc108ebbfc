CREATE TABLE `items` (
  id INT PRIMARY KEY, body TEXT, FULLTEXT KEY words (body)
);
INSERT INTO `items` VALUES (1, 'some words here'), (2, 'others');
