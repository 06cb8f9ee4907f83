from services.producer.main import main

main()
