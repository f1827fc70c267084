using MadgNet.Core.Runtime;

namespace MadgNet.Core.Tests.Runtime;

public class NativeLibraryExceptionTests
{
    [Fact]
    public void It_is_caught_with_the_librarys_own_exceptions_and_keeps_fault_and_cause()
    {
        var cause = new NotSupportedException("TorchSharp's text");

        MadgNetException exception = new NativeLibraryException(NativeLibraryFault.NoBackendPackage, "message", cause);

        Assert.Same(cause, exception.InnerException);
        Assert.Equal(NativeLibraryFault.NoBackendPackage, ((NativeLibraryException)exception).Fault);
    }
}
