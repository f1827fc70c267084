namespace MadgNet.Core.Runtime;

/// <summary>Why the native libraries of TorchSharp could not be loaded.</summary>
public enum NativeLibraryFault
{
    /// <summary>The application references no TorchSharp backend package: there is no libtorch beside it.</summary>
    NoBackendPackage,

    /// <summary>There is a libtorch, but none for the operating system and processor architecture of this process.</summary>
    WrongPlatform,

    /// <summary>The C++ standard library of this system (libstdc++) lacks symbols that TorchSharp's library needs.</summary>
    StandardLibraryTooOld,

    /// <summary>Everything above is as it should be, yet the system refused to load a library or one that it depends on.</summary>
    MissingDependency,
}
