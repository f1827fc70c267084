namespace MadgNet.Distributed.Worker;

/// <summary>What a rank throws that is to throw.</summary>
public sealed class InjectedException(string message) : Exception(message);
