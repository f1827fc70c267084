namespace MadgNet.Core.Training;

/// <summary>
/// The learning rate as a function of the epoch. Stateless: a run that resumes asks for the epoch it is in.
/// </summary>
public abstract class LearningRateSchedule
{
    /// <summary>The learning rate of one epoch.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="epochs">How many epochs the run has; 1 or more.</param>
    /// <returns>The learning rate, 0 or more.</returns>
    public abstract double RateAt(int epoch, int epochs);
}
