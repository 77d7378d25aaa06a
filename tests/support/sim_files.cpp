namespace chisme {}
