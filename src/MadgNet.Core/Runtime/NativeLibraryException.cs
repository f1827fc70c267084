namespace MadgNet.Core.Runtime;

/// <summary>
/// The native libraries of TorchSharp could not be loaded. The message says which of the possible causes it is and what
/// to do; TorchSharp's own exception, which names one cause for all of them, is the inner exception.
/// </summary>
public sealed class NativeLibraryException : MadgNetException
{
    /// <summary>Creates the exception for one diagnosed cause.</summary>
    /// <param name="fault">The cause.</param>
    /// <param name="message">What was received, what is expected and what to do.</param>
    /// <param name="innerException">What TorchSharp or the loader threw.</param>
    public NativeLibraryException(NativeLibraryFault fault, string message, Exception? innerException)
        : base(message, innerException)
    {
        Fault = fault;
    }

    /// <summary>The cause.</summary>
    public NativeLibraryFault Fault { get; }
}
