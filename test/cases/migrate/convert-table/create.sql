CREATE TABLE `items` (
  id INT PRIMARY KEY, v VARCHAR(50), w TEXT
) DEFAULT CHARSET = latin1;
INSERT INTO `items` (id, v, w) VALUES (1, 'éü', 'ß'), (2, NULL, '');
