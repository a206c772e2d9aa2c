"""When things happen: pollers fetch, the store keeps, `assess` judges, subscribers are told. The only owner of tasks."""
