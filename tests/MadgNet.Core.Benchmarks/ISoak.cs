namespace MadgNet.Core.Benchmarks;

/// <summary>
/// Something repeated many times that must not wear out: leak memory, drift, or lose what was done. A class of this
/// project that implements it, and has a constructor without parameters, is run by
/// <c>./build.sh soak NAME [COUNT]</c>; there is no list to add it to.
/// </summary>
internal interface ISoak
{
    /// <summary>The name on the command line: lower case, words parted by hyphens.</summary>
    string Name { get; }

    /// <summary>What is repeated and what must hold, in one line.</summary>
    string Summary { get; }

    /// <summary>How often it is repeated where the command line gives no count.</summary>
    int DefaultCount { get; }

    /// <summary>Repeats, writes what it saw, and says whether everything held.</summary>
    /// <returns>Whether it held; otherwise the process ends with exit code 1.</returns>
    bool Run(int count, TextWriter output, CancellationToken cancellationToken);
}
