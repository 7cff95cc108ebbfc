CREATE TABLE `items` (
  id INT PRIMARY KEY, v INT
);
