module example.com/gotape/calls-bench

go 1.19
