SELECT drop_emptied_month(make_interval(secs => $1))
