using Microsoft.Extensions.Logging;

namespace MadgNet.Core.Training.Distribution;

/// <summary>The log of a rank that does not lead: warnings and errors alone, each with the rank.</summary>
internal sealed class RankLogger(ILogger logger, int rank) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => logger.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && logger.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            logger.Log(logLevel, eventId, state, exception, (logged, cause) => $"rank {rank}: {formatter(logged, cause)}");
        }
    }
}
