CREATE TABLE `items` (
  id INT PRIMARY KEY, v CHAR(10) NOT NULL
);
INSERT INTO `items` (id, v) VALUES (1, 'a  '), (2, ' b');
