namespace MadgNet.Core.Training.Optimization;

/// <summary>What a learning-rate schedule advances by.</summary>
public enum ScheduleUnit
{
    /// <summary>The rate changes between epochs alone, as in the published training.</summary>
    Epoch,

    /// <summary>The rate changes with every optimizer step.</summary>
    Step,
}
