using MadgNet.Core.Runtime;

try
{
    Console.WriteLine(NativeRuntime.Describe());
    return 0;
}
catch (NativeLibraryException exception)
{
    Console.WriteLine($"{exception.Fault}: {exception.Message}");
    return 3;
}
