/** What the fuzz tests ({@code *Fuzz}, one per grammar, beside what they try) share. */
package dev.corral.operator.fuzz;
