CREATE TABLE `items` (
  id INT PRIMARY KEY, v VARCHAR(20) NULL
);
INSERT INTO `items` (id, v) VALUES (1, '42'), (2, NULL), (3, '-7');
