CREATE TABLE `items` (
  id INT PRIMARY KEY, v DATE NULL
);
INSERT INTO `items` (id, v) VALUES (1, '2026-03-29'), (2, NULL);
