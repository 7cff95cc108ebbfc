CREATE TABLE `items` (
  id INT PRIMARY KEY, v VARCHAR(50) CHARACTER SET latin1
);
INSERT INTO `items` (id, v) VALUES (1, 'éü'), (2, 'plain'), (3, NULL);
